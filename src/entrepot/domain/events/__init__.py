"""What happens in a marketplace, as those who listen to it are told."""
