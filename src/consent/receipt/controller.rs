//! Who is answerable for what consent is asked for.

use serde::{Deserialize, Serialize};

/// Who is answerable for the cookies, as receipts name them: the controller of Article 4(7) GDPR.
///
/// ISO/IEC TS 27560 wants all of it in a record; what is not given here is left out there.
///
/// ```
/// use tower_cookie_policy::receipt::Controller;
///
/// let controller = Controller::new("Example GmbH")
///     .address("Musterweg 1, 10115 Berlin")
///     .contact("privacy@shop.example")
///     .jurisdiction("DE");
/// assert_eq!(controller.name(), "Example GmbH");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controller {
    /// What `pii_controllers` of a purpose refers to. A record has one controller.
    #[serde(skip_deserializing, default = "id")]
    party_id: &'static str,
    #[serde(skip_deserializing, default = "kind")]
    party_type: &'static str,
    #[serde(rename = "party_name")]
    name: String,
    #[serde(rename = "party_address", default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(rename = "party_contact", default, skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jurisdiction: Option<String>,
}

impl Controller {
    /// The controller of this name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            party_id: id(),
            party_type: kind(),
            name: name.into(),
            address: None,
            contact: None,
            jurisdiction: None,
        }
    }

    /// With this postal address.
    #[must_use]
    pub fn address(self, address: impl Into<String>) -> Self {
        Self { address: Some(address.into()), ..self }
    }

    /// To be reached there: a mail address, a telephone number, a page.
    #[must_use]
    pub fn contact(self, contact: impl Into<String>) -> Self {
        Self { contact: Some(contact.into()), ..self }
    }

    /// Under the law of this country, as ISO 3166 writes it.
    #[must_use]
    pub fn jurisdiction(self, country: impl Into<String>) -> Self {
        Self { jurisdiction: Some(country.into()), ..self }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn country(&self) -> Option<&str> {
        self.jurisdiction.as_deref()
    }
}

/// The name alone.
impl From<&str> for Controller {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// The name alone.
impl From<String> for Controller {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

/// A controller as a policy's document has it.
pub(crate) mod terms {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Controller;

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Terms {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        jurisdiction: Option<String>,
    }

    pub(crate) fn serialize<S: Serializer>(
        controller: &Option<Controller>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let terms = controller.clone().map(|Controller { name, address, contact, jurisdiction, .. }| Terms {
            name,
            address,
            contact,
            jurisdiction,
        });
        terms.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Controller>, D::Error> {
        let terms = Option::<Terms>::deserialize(deserializer)?;
        Ok(terms.map(|Terms { name, address, contact, jurisdiction }| Controller {
            address,
            contact,
            jurisdiction,
            ..Controller::new(name)
        }))
    }
}

/// The `party_id` of the one controller.
pub(super) const fn id() -> &'static str {
    "controller"
}

const fn kind() -> &'static str {
    "pii_controller"
}
