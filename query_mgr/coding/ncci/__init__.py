"""CMS's National Correct Coding Initiative: code pairs, limits of units, add-on codes, and the rules that read them."""
