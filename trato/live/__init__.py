"""What changes in a workspace, told to its open pages as it happens (server-sent events). Holds no business rule."""
