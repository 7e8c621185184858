"""Write a recording as report, DOT or pictures."""
