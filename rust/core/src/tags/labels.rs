//! Labels by number.

use foldhash::HashMap;

/// The number of a label, in [`Labels`].
///
/// ```
/// use nerharness_core::Labels;
/// let mut labels = Labels::default();
/// assert_eq!(labels.number("GENE"), labels.number("GENE"));
/// assert_ne!(labels.number("GENE"), labels.number("DISEASE"));
/// ```
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(pub(super) usize);

impl Label {
    /// The label of a tag without one.
    pub(super) const NONE: Self = Self(0);

    /// A number for tables: another one for each label, and not larger than the number of labels.
    ///
    /// ```
    /// use nerharness_core::Labels;
    /// assert!(Labels::default().number("GENE").index() < 2);
    /// ```
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

/// The name of [`Label::NONE`].
const UNLABELLED: &str = "_";

/// Numbers labels in the order in which it meets them.
///
/// ```
/// use nerharness_core::Labels;
/// let mut labels = Labels::default();
/// let gene = labels.number("GENE");
/// assert_eq!(labels.name(gene), "GENE");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// The names from number 1 on.
    names: Vec<Box<str>>,
    numbers: HashMap<Box<str>, Label>,
}

impl Labels {
    /// The number of the label `name`, a new one if it is new.
    ///
    /// ```
    /// use nerharness_core::Labels;
    /// let mut labels = Labels::default();
    /// let (gene, disease) = (labels.number("GENE"), labels.number("DISEASE"));
    /// assert!(gene < disease);
    /// ```
    pub fn number(&mut self, name: &str) -> Label {
        if name == UNLABELLED {
            return Label::NONE;
        }
        if let Some(label) = self.numbers.get(name) {
            return *label;
        }
        self.names.push(name.into());
        let label = Label(self.names.len());
        self.numbers.insert(name.into(), label);
        label
    }

    /// The name of a label; `_` for one that these labels did not number.
    ///
    /// ```
    /// use nerharness_core::Labels;
    /// let mut labels = Labels::default();
    /// let unlabelled = labels.number("_");
    /// assert_eq!(labels.name(unlabelled), "_");
    /// ```
    #[must_use]
    pub fn name(&self, label: Label) -> &str {
        let index = label.0.checked_sub(1);
        let name = index.and_then(|index| self.names.get(index));
        name.map_or(UNLABELLED, |name| name)
    }

    /// Every label, by number.
    pub(super) fn all(&self) -> impl Iterator<Item = Label> {
        (0..=self.names.len()).map(Label)
    }
}
