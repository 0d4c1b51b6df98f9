//! Some of a policy's categories.

/// Some of the categories, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Categories(u32);

impl Categories {
    pub(crate) fn contains(self, category: usize) -> bool {
        self.0 & 1 << category != 0
    }

    pub(crate) fn insert(&mut self, category: usize) {
        self.0 |= 1 << category;
    }

    #[cfg(feature = "pages")]
    pub(crate) fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    #[cfg(feature = "pages")]
    pub(crate) fn and(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    pub(crate) fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}
