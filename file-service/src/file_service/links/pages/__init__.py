"""The pages of share links: server-rendered, each in one piece, without JavaScript."""
