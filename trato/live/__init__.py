"""Server-sent events: tells open pages which records changed; what they show they fetch again, with their rights."""
