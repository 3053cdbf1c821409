"""Every query of this service, by table. Takes a connection and never commits."""
