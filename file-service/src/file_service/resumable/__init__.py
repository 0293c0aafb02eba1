"""Uploads that can be interrupted and gone on with: tus 1.0 (https://tus.io/protocols/resumable-upload)."""
