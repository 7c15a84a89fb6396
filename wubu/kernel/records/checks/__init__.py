"""What a batch must keep before it is written."""
