"""What is computed: one module per problem, each with its cases and its slow, obviously right answer."""
