//! Slow and obviously right twins of the core, written from its documentation, and inputs for both.

pub mod echo;
pub mod edits;
pub mod fragments;
pub mod guard;
pub mod input;
pub mod letters;
pub mod place;
pub mod search;
pub mod similar;
pub mod tags;
pub mod text;
pub mod tokens;
