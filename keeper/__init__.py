"""What keeps the course: opening, executing, showing and measuring its notebooks.

It imports from ``course_utils``, which is the students', and never the other way.
"""
