"""Objects of a cluster: kinds, versions, changes, selectors, deletion and garbage collection.

The store knows no HTTP and checks no schema. The API server puts requests into it after it has
checked them; controllers of a test read and change objects in it directly.
"""
