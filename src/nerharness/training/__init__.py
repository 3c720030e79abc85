"""Fine-tuning of models on train data."""
