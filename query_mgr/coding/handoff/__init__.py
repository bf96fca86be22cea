"""Finished codes on their way to billing: what is sent, how it travels, what billing answered, what came back."""
