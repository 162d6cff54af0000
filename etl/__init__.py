"""Extract, transform, load: pure steps from frame to frame."""
