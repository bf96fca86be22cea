"""The provider's side: the emailed link, the step-up, the answer and its signature."""
