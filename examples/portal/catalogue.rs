//! What can be ordered.

use crate::words::Words;

/// A device of the shop.
pub(crate) struct Item {
    /// As forms and the cart have it.
    pub(crate) id: &'static str,
    pub(crate) price: &'static str,
    english: (&'static str, &'static str),
    german: (&'static str, &'static str),
}

impl Item {
    /// The item of this id.
    pub(crate) fn of(id: &str) -> Option<&'static Self> {
        ITEMS.iter().find(|item| item.id == id)
    }

    pub(crate) fn name(&self, words: &Words) -> &'static str {
        self.texts(words).0
    }

    pub(crate) fn text(&self, words: &Words) -> &'static str {
        self.texts(words).1
    }

    fn texts(&self, words: &Words) -> (&'static str, &'static str) {
        if words.language == "de" { self.german } else { self.english }
    }
}

pub(crate) static ITEMS: [Item; 4] = [
    Item {
        id: "desk-phone",
        price: "129 €",
        english: ("Desk phone", "Colour display, twelve line keys, powered over the network cable."),
        german: ("Tischtelefon", "Farbdisplay, zwölf Leitungstasten, Strom über das Netzwerkkabel."),
    },
    Item {
        id: "headset",
        price: "89 €",
        english: (
            "Wireless headset",
            "Two ears, one charge a week, and a light that says you are on a call.",
        ),
        german: ("Funk-Headset", "Beidohrig, eine Ladung pro Woche, mit Leuchte während des Gesprächs."),
    },
    Item {
        id: "room-kit",
        price: "749 €",
        english: ("Meeting room kit", "Camera, speaker bar and touch panel for rooms of up to eight."),
        german: ("Konferenzraum-Set", "Kamera, Lautsprecherleiste und Bedienfeld für bis zu acht Personen."),
    },
    Item {
        id: "adapter",
        price: "59 €",
        english: ("Analogue adapter", "Keeps door phones and fax machines on the new system."),
        german: ("Analogadapter", "Bindet Türsprechstellen und Faxgeräte an die neue Anlage an."),
    },
];
