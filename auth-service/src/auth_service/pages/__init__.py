"""The pages that people see: server-rendered, without JavaScript, under a strict policy."""
