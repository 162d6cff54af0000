"""Numbers over real data sets, held against plain SQL."""
