"""Grading: run a learner's file in a worker process, judge what comes back, say what is wrong and why."""
