"""What train data say of labels and boundaries: a draft of annotation guidelines, by counting."""
