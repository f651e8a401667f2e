"""What an agent does with a result: checks it, makes it again, keeps evidence."""
