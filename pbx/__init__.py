"""The ground floor: what a phone system is to the rest of the house, and one folder per vendor."""
