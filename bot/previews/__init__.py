"""What templates look like before anything is made: pictures, sheets of them, and whether anybody is in them."""
