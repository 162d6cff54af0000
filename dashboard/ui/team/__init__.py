"""What is still open in a team: pipeline by stage, cover and workload of each person, and the way to a person's day."""
