"""Which gates to open, so that people walk and queue and goods travel the least in all."""
