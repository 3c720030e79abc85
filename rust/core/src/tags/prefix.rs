//! What a tag says before its label.

use super::Scheme;

/// The part that a tag plays in its entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    O,
    I,
    B,
    /// Also L of BILOU.
    E,
    /// Also U of BILOU.
    S,
    /// A point, which lenient reading knows as a second O.
    Point,
    /// Any other character, which lenient reading lets pass.
    Other,
    /// None, because the tag cannot be read.
    Refused,
}

impl Prefix {
    /// How many bits hold the number of a prefix.
    pub(super) const BITS: u32 = 3;

    /// Every prefix, by number.
    const ALL: [Self; 1 << Self::BITS] = [
        Self::O,
        Self::I,
        Self::B,
        Self::E,
        Self::S,
        Self::Point,
        Self::Other,
        Self::Refused,
    ];

    /// The prefix whose number is in the lowest bits of `number`.
    pub(super) const fn from_bits(number: usize) -> Self {
        Self::ALL[number & (Self::ALL.len() - 1)]
    }

    /// How `scheme` writes it.
    pub(super) const fn letter(self, scheme: Scheme) -> char {
        match (self, scheme) {
            (Self::E, Scheme::Bilou) => 'L',
            (Self::S, Scheme::Bilou) => 'U',
            (Self::I, _) => 'I',
            (Self::B, _) => 'B',
            (Self::E, _) => 'E',
            (Self::S, _) => 'S',
            _ => 'O',
        }
    }
}

/// The prefixes of `scheme`.
pub(super) const fn letters(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Iob1 | Scheme::Iob2 => "IOB",
        Scheme::Ioe1 | Scheme::Ioe2 => "IOE",
        Scheme::Iobes => "IOBES",
        Scheme::Bilou => "BILOU",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_come_back_from_their_numbers() {
        for (number, prefix) in Prefix::ALL.into_iter().enumerate() {
            assert_eq!(prefix as usize, number);
            assert_eq!(Prefix::from_bits(8 + number), prefix);
        }
    }
}
