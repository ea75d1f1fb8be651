"""What data the course uses, how it gets here, and one reader for each dataset."""
