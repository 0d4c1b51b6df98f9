//! Rules about whose a session is.

use super::trial::{Found, Listed, Trial, unknown};
use super::{Sample, key};
use crate::session::{Rotated, SessionStore, Updated};

pub(super) async fn hold<S: SessionStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    listed(rule("the list has the owner's sessions that have not ended, each once, as they are by now"))
        .await;
    followed(rule("the list follows a session that gets another owner")).await;
    nobody(rule("anonymous sessions are on nobody's list, and nobody ends them")).await;
    odd(rule("owners are kept apart, whatever their names are made of")).await;
}

async fn listed(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    t.is("list_owner without sessions", t.list(&owner).await, vec![]);
    t.kept(&t.record().await).await;
    let [one, other, ended, old] = [(); 4].map(|()| t.of(&owner).record());
    let (one_key, other_key) = (t.kept(&one).await, t.kept(&other).await);
    let (ended_key, old_key) = (t.kept(&ended).await, t.kept(&old).await);
    let all = [(one_key, one.clone()), (other_key, other), (ended_key, ended), (old_key, old)];
    t.is("list_owner", t.list(&owner).await, Listed::sorted(all));
    let (updated, touched, rotated) = (t.of(&owner).record(), t.of(&owner), t.of(&owner).record());
    t.is("update", t.update(&one_key, 1, &updated).await, Updated::Yes);
    t.is("update", t.update(&other_key, 1, &touched.clone().record()).await, Updated::Yes);
    t.is("touch", t.touch(&other_key, t.now + 60, t.now + 1860).await, true);
    let (touched, new_key) = (touched.seen(t.now + 60).deadline(t.now + 1860).record(), key());
    t.is("rotate", t.rotate(&old_key, 1, &new_key, &rotated, 10).await, Rotated::Yes);
    t.is("delete", t.delete(&ended_key).await, true);
    let left = [(one_key, updated), (other_key, touched), (new_key, rotated)];
    t.is("list_owner after that", t.list(&owner).await, Listed::sorted(left));
}

async fn followed(t: Trial<'_, impl SessionStore>) {
    let (first, second) = (t.owner().await, t.owner().await);
    let (visitor, in_, over) = (key(), key(), key());
    t.create(&visitor, &Sample::anonymous(t.now).record()).await;
    let signed_in = t.of(&first).record();
    t.is("rotate", t.rotate(&visitor, 1, &in_, &signed_in, 0).await, Rotated::Yes);
    t.is("list_owner after a sign-in", t.list(&first).await, Listed::sorted([(in_, signed_in)]));
    let other = t.of(&second).record();
    t.is("rotate", t.rotate(&in_, 2, &over, &other, 0).await, Rotated::Yes);
    t.is("list_owner of the first user", t.list(&first).await, vec![]);
    t.is("list_owner of the second user", t.list(&second).await, Listed::sorted([(over, other)]));
    t.is("end_owner of the first user", t.end_owner(&first, None).await, 0);
    let back = t.of(&first).epoch(t.epoch(&first).await).record();
    t.is("update", t.update(&over, 3, &back).await, Updated::Yes);
    t.is("list_owner after an update", t.list(&first).await, Listed::sorted([(over, back)]));
    t.is("list_owner of the second user", t.list(&second).await, vec![]);
    t.is("end_owner of the second user", t.end_owner(&second, None).await, 0);
    t.is("end_owner of the first user", t.end_owner(&first, None).await, 1);
    t.is("load", t.load(&over).await, Found::Ended);
}

async fn nobody(t: Trial<'_, impl SessionStore>) {
    let record = Sample::anonymous(t.now).record();
    let key = t.kept(&record).await;
    for name in ["", "null", "NULL", "None", "%", "*"] {
        t.holds(t.list(name).await.iter().all(|listed| !listed.is(&key)), "list_owner listed one");
        t.end_owner(name, None).await;
    }
    t.is("load", t.load(&key).await, Found::Live(1, record));
}

async fn odd(t: Trial<'_, impl SessionStore>) {
    let mut all = Vec::new();
    for name in names() {
        let owner = t.named(name).await;
        let record = t.of(&owner).record();
        all.push((owner, t.kept(&record).await, record));
    }
    for (owner, key, record) in &all {
        let due = Listed::sorted([(*key, record.clone())]);
        t.is(&format!("list_owner({})", shown(owner)), t.list(owner).await, due);
    }
    for (at, (owner, ..)) in all.iter().enumerate() {
        let step = format!("end_owner({})", shown(owner));
        t.is(&step, t.end_owner(owner, None).await, 1);
        t.holds(t.epoch(owner).await > owner.epoch, &format!("{step} did not raise the epoch"));
        for (other, key, record) in all.iter().skip(at + 1) {
            let step = format!("load of a session of {} after {step}", shown(other));
            t.is(&step, t.load(key).await, Found::Live(1, record.clone()));
            t.is(&format!("epoch of {} then", shown(other)), t.epoch(other).await, other.epoch);
        }
    }
}

/// Names that databases, patterns and paths may take for each other.
pub(super) fn names() -> Vec<String> {
    let mark = unknown();
    let long = "long".repeat(LONGEST / 4);
    let mut names: Vec<_> = ODD.iter().map(|odd| format!("{mark}{odd}")).collect();
    names.extend(["%", "_", "*", "?", " ", "'"].map(|odd| format!("{odd}{mark}")));
    names.extend(["%", "_____", "*", "?????", "[a-z]wner", "OWNER"].map(|odd| mark.replace("owner", odd)));
    names.extend(["a", "b"].map(|end| format!("{mark}{}{end}", &long[..LONGEST - mark.len() - 1])));
    names
}

/// As much of a name as tells which one it is.
pub(super) fn shown(name: &str) -> String {
    format!("{:?}", name.chars().take(50).collect::<String>())
}

/// Among them pairs that differ by case, by a space at the end and by how a letter is written.
const ODD: [&str; 36] = [
    "",
    "a",
    "A",
    "a ",
    "a\t",
    "%",
    "_",
    "*",
    "?",
    "[a]",
    "'",
    "\"",
    "\\",
    "\\\\",
    "`",
    ";",
    "--",
    ":",
    "/",
    ".",
    "..",
    "{}",
    "$1",
    "\n",
    "\r\n",
    "\u{e9}",
    "e\u{301}",
    "\u{c5}",
    "\u{212b}",
    "\u{fb01}",
    "fi",
    "日本語",
    "ß",
    "ss",
    "a\u{a0}",
    "a\u{200b}",
];
/// Bytes of the longest name.
const LONGEST: usize = 255;
