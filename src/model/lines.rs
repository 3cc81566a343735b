//! JSON in lines that a person finds their way in.

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io::{Result, Write};

/// What lies deeper has no lines of its own: a scene's strip is one.
const DEPTH: usize = 4;

/// A value as JSON text with a line for each thing in it, down to [`DEPTH`]; empty where it cannot be written.
pub fn to_string(value: &impl Serialize) -> String {
    let mut text = Vec::new();
    let lines = Lines { pretty: PrettyFormatter::new(), depth: 0 };
    match value.serialize(&mut Serializer::with_formatter(&mut text, lines)) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

struct Lines {
    pretty: PrettyFormatter<'static>,
    depth: usize,
}

impl Lines {
    fn has_lines(&self) -> bool {
        self.depth <= DEPTH
    }
}

fn apart<W: ?Sized + Write>(writer: &mut W, is_first: bool) -> Result<()> {
    if is_first { Ok(()) } else { writer.write_all(b", ") }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.depth += 1;
        if self.has_lines() { self.pretty.begin_array(writer) } else { writer.write_all(b"[") }
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        let has_lines = self.has_lines();
        self.depth -= 1;
        if has_lines { self.pretty.end_array(writer) } else { writer.write_all(b"]") }
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        if self.has_lines() { self.pretty.begin_array_value(writer, first) } else { apart(writer, first) }
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        if self.has_lines() { self.pretty.end_array_value(writer) } else { Ok(()) }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.depth += 1;
        if self.has_lines() { self.pretty.begin_object(writer) } else { writer.write_all(b"{") }
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        let has_lines = self.has_lines();
        self.depth -= 1;
        if has_lines { self.pretty.end_object(writer) } else { writer.write_all(b"}") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        if self.has_lines() { self.pretty.begin_object_key(writer, first) } else { apart(writer, first) }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        if self.has_lines() { self.pretty.end_object_value(writer) } else { Ok(()) }
    }
}
