"""Tables, tested on real files, a real writer child and readers that are not ours."""
