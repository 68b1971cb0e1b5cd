"""[acts] Files over HTTP. In this order: upload (multipart bodies, straight to disk), loads (the routes)."""
