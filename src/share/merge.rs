//! What comes back of a packet, a sheet or a balance, and what of it is taken.

use super::choose::choose;
use super::error::ShareError;
use super::returned::{Returned, load_whole};
use super::settings::{Setting, of_mix, of_stem};
use crate::model::document::{Document, Loaded};
use crate::model::limits::STEMS;
use crate::model::names::counterparts;
use crate::render::session::go_on;
use crate::render::table::lay_out;
use crate::render::{RenderError, load_naming, save_balance, sink};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// What to merge.
#[derive(Clone, Debug, Default)]
pub struct MergeJob {
    /// The packet's folder, a sheet, or a balance file.
    pub returned: PathBuf,
    /// One's own balance.
    pub balance: PathBuf,
    /// What a sheet or a balance was sent as: a packet's folder, a sheet or a balance file. A packet knows it; without
    /// it whatever differs from one's own counts as changed.
    pub sent: Option<PathBuf>,
    /// Names, numbers or roles of one's own stems that may change; empty: all, and the mix.
    pub chosen: Vec<String>,
    /// Where both have changed a setting, theirs is taken instead of one's own.
    pub theirs: bool,
}

/// A merge whose files could be read. Nothing is written yet.
pub struct Merge {
    returned: Option<Returned>,
    theirs: Document,
    sent: Option<Document>,
    mine: Document,
    chosen: Option<Vec<usize>>,
    takes_theirs: bool,
    notices: Vec<String>,
    read: Vec<PathBuf>,
}

/// Something that was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// One's own stem (0 to 15); none: the mix.
    pub stem: Option<usize>,
    /// What it is called.
    pub whose: String,
    /// What it was when it was sent.
    pub was: Setting,
    /// What it came back as.
    pub becomes: Setting,
    /// What one has changed it to meanwhile, where that is something else.
    pub mine: Option<Setting>,
    /// It is taken.
    pub taken: bool,
}

/// All that was changed, and the balance with what is taken of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    /// One's own stems in their order, the mix last.
    pub changes: Vec<Change>,
    /// What a person should know, one sentence each.
    pub notices: Vec<String>,
    /// The balance that results.
    pub document: Document,
    /// Where all of it comes from.
    read: Vec<PathBuf>,
}

impl Merge {
    /// Reads what came back and one's own balance.
    ///
    /// # Errors
    /// Where one of them cannot be read, the packet is none, or a stem to choose is not there.
    pub fn prepare(job: &MergeJob) -> Result<Self, ShareError> {
        let Loaded { document: mine, mut notices, .. } = load_naming(&job.balance)?;
        let chosen = match &job.chosen[..] {
            [] => None,
            words => Some(choose(&mine.stems, STEMS, words)?),
        };
        let returned = job.returned.is_dir().then(|| Returned::open(&job.returned)).transpose()?;
        let theirs = match &returned {
            Some(packet) => packet.balance()?,
            None => load_whole(&job.returned)?,
        };
        notices.extend(theirs.notices);
        let sent = match (&job.sent, &returned) {
            (Some(path), _) if path.is_dir() => Some(Returned::open(path)?.sent()?.document),
            (Some(path), _) => Some(load_whole(path)?.document),
            (None, Some(packet)) => Some(packet.sent()?.document),
            (None, None) => None,
        };
        let theirs = theirs.document;
        let read = [&job.returned, &job.balance].into_iter().chain(&job.sent).cloned().collect();
        Ok(Self { returned, theirs, sent, mine, chosen, takes_theirs: job.theirs, notices, read })
    }

    /// Bytes there are to check.
    pub fn bytes(&self) -> u64 {
        self.returned.as_ref().map_or(0, Returned::bytes)
    }

    /// Checks the packet and finds what was changed since it was sent. `watch` is told how many bytes are checked;
    /// where it breaks, the merge ends with [`RenderError::Interrupted`].
    ///
    /// # Errors
    /// Where a file of the packet is missing or is not what it was.
    pub fn run(self, mut watch: impl FnMut(u64) -> ControlFlow<()>) -> Result<Changes, ShareError> {
        go_on(watch(0))?;
        if let Some(packet) = &self.returned {
            packet.check(watch)?;
        }
        let Self { theirs, sent, mine, chosen, .. } = &self;
        let mut notices = self.notices.clone();
        let mut changes = Vec::new();
        let mut stray = Vec::new();
        let (base, in_base) = match sent {
            Some(sent) => (sent, same_stems(theirs, sent)),
            None => (theirs, std::array::from_fn(Some)),
        };
        let places = counterparts(&base.stems, &mine.stems);
        let count = self.returned.as_ref().map_or(STEMS, Returned::stems);
        for (stem, at) in in_base.iter().enumerate() {
            let Some(at) = at.filter(|at| *at < count && !base.stems[*at].name.is_empty()) else { continue };
            let Some(place) = places[at] else {
                if sent.is_none() || of_stem(base, at).ne(of_stem(theirs, stem)) {
                    stray.push(base.stems[at].label(at));
                }
                continue;
            };
            let is_chosen = chosen.as_ref().is_none_or(|chosen| chosen.contains(&place));
            if is_chosen {
                let (was, own) = (of_stem(base, at), || of_stem(mine, place));
                let was: Vec<_> = if sent.is_some() { was.collect() } else { own().collect() };
                let found = differences(was, of_stem(theirs, stem), own());
                changes.extend(found.map(|found| (Some(place), found)));
            }
        }
        if chosen.is_none() {
            let was: Vec<_> = if sent.is_some() { of_mix(base).collect() } else { of_mix(mine).collect() };
            changes.extend(differences(was, of_mix(theirs), of_mix(mine)).map(|found| (None, found)));
        }
        changes.sort_by_key(|(place, _)| place.unwrap_or(STEMS));
        if !stray.is_empty() {
            notices.push(format!("Left out, no stem of yours is called so: {}.", stray.join(", ")));
        }

        let mut document = mine.clone();
        let changes = changes.into_iter().map(|(stem, [was, becomes, own])| {
            let mine = Some(own).filter(|own| *own != was);
            let taken = mine.is_none() || self.takes_theirs;
            if taken {
                becomes.give(&mut document, stem.unwrap_or(0));
            }
            let whose = stem.map_or("Mix".to_owned(), |stem| self.mine.stems[stem].label(stem));
            Change { stem, whose, was, becomes, mine, taken }
        });
        Ok(Changes { changes: changes.collect(), notices, document, read: self.read })
    }
}

/// Which stem of `sent` each of `theirs` is: the one in its place where that has its name, else by name, else the one
/// in its place, for a name may have changed, and to that of another stem.
fn same_stems(theirs: &Document, sent: &Document) -> [Option<usize>; STEMS] {
    let keeps = |stem: &usize| theirs.stems[*stem].name == sent.stems[*stem].name;
    let by_name = counterparts(&theirs.stems, &sent.stems);
    let mut places = std::array::from_fn(|stem| match keeps(&stem) {
        true => Some(stem),
        false => by_name[stem].filter(|at| !keeps(at)),
    });
    for stem in 0..STEMS {
        if places[stem].is_none() && !places.contains(&Some(stem)) {
            places[stem] = Some(stem);
        }
    }
    places
}

/// What was, what it became, and what it is here, for every setting that was changed to what it is not here.
fn differences(
    was: Vec<Setting>,
    theirs: impl Iterator<Item = Setting>,
    mine: impl Iterator<Item = Setting>,
) -> impl Iterator<Item = [Setting; 3]> {
    let settings = was.into_iter().zip(theirs).zip(mine);
    settings
        .filter(|((was, theirs), mine)| theirs != was && theirs != mine)
        .map(|((was, theirs), mine)| [was, theirs, mine])
}

impl Changes {
    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.changes.iter().filter(|change| change.taken).count()
    }

    /// All of them for people, a line each.
    pub fn text(&self) -> String {
        if self.changes.is_empty() {
            return "Nothing was changed.\n".to_owned();
        }
        let title = ["", "Stem", "Setting", "Was", "Becomes", ""].map(str::to_owned);
        let rows = self.changes.iter().map(|change| {
            let remark = match (&change.mine, change.taken) {
                (None, _) => String::new(),
                (Some(mine), true) => format!("yours is {} and goes", mine.value()),
                (Some(mine), false) => format!("conflict: yours is {} and stays", mine.value()),
            };
            let number = change.stem.map_or_else(String::new, |stem| format!("{:02}", stem + 1));
            let name = change.was.name();
            [number, change.whose.clone(), name, change.was.value(), change.becomes.value(), remark]
        });
        let rows: Vec<_> = std::iter::once(title).chain(rows).collect();
        lay_out(&rows, [true, false, false, true, true, false])
    }

    /// Writes the balance with what is taken.
    ///
    /// # Errors
    /// Where a file of this name may not be replaced, is one of those that were read, or cannot be written.
    pub fn save(&self, out: &Path, replace: bool) -> Result<(), RenderError> {
        sink::check_output(out, &self.read, replace)?;
        save_balance(out, &self.document, replace)
    }
}
