"""People: staff who sign in, what each role may do, and the directory of providers who are asked."""
