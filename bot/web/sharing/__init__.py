"""Further links to a page of videos: made, listed and revoked by whoever has a link of the batch's own."""
