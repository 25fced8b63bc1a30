"""The course: what is asked, in which order, and how an answer is recognised. Knows nothing of grading or timing."""
