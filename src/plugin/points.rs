//! A block's automation, in order: what both exports apply themselves, splitting the block at each
//! frame where something changes. (The frameworks' own way wakes a thread for every value.)

/// What a point does to its parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Sets it, 0 to 1.
    Value(f32),
    /// Offsets it for as long as the host likes, -1 to 1; neither shown nor saved.
    Modulation(f32),
}

/// A change at a frame of the block.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    frame: usize,
    /// Place in the host's list: points of one frame keep it.
    order: usize,
    /// The parameter's place in the host's list.
    pub param: usize,
    /// What happens to it.
    pub change: Change,
}

/// Points a block has room for.
const CAPACITY: usize = 8192;

/// The points of one block.
pub struct Points {
    frames: usize,
    list: Vec<Point>,
    /// Those before it have been taken.
    next: usize,
}

impl Default for Points {
    fn default() -> Self {
        Self { frames: 0, list: Vec::with_capacity(CAPACITY), next: 0 }
    }
}

impl Points {
    /// Begins a block of `frames`.
    pub fn clear(&mut self, frames: usize) {
        self.frames = frames;
        self.list.clear();
        self.next = 0;
    }

    /// Adds a point. A frame outside the block counts as its nearest: some hosts send points past the
    /// block's end. Where there is no room left, a parameter's last change counts: it replaces the one
    /// before, or, where there is none, is given back to be applied at once.
    #[must_use]
    pub fn push(&mut self, frame: i64, param: usize, change: Change) -> Option<Point> {
        let last = self.frames.saturating_sub(1);
        let frame = usize::try_from(frame).unwrap_or(0).min(last);
        let point = Point { frame, order: self.list.len(), param, change };
        if self.list.len() < CAPACITY {
            self.list.push(point);
            return None;
        }
        match self.list.iter_mut().rfind(|p| p.param == param) {
            Some(last) => {
                *last = Point { order: last.order, ..point };
                None
            }
            None => Some(point),
        }
    }

    /// Puts the points in order, once all are there.
    pub fn sort(&mut self) {
        self.list.sort_unstable_by_key(|p| (p.frame, p.order));
    }

    /// The next point at or before `frame`, once.
    pub fn take_until(&mut self, frame: usize) -> Option<Point> {
        let point = self.list.get(self.next).filter(|p| p.frame <= frame).copied()?;
        self.next += 1;
        Some(point)
    }

    /// The frame where the block is to be split next: that of the next point, or its end.
    pub fn next_split(&self) -> usize {
        self.list.get(self.next).map_or(self.frames, |p| p.frame)
    }
}
