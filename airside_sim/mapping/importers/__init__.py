"""Readers of real airports: X-Plane apt.dat, OpenStreetMap, FlightGear groundnet; gap filling; downloads."""
