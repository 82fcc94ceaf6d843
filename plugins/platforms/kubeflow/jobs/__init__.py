"""Jobs from their launch to the end of their pods; this code sends no requests itself."""
