//! A few words on top of quick-xml: elements with a text, in order.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// XML being written.
pub(super) struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// Begins a document with its root.
    pub(super) fn begin(root: &str, namespace: &str) -> io::Result<Self> {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let mut start = BytesStart::new(root);
        start.push_attribute(("xmlns", namespace));
        writer.write_event(Event::Start(start))?;
        Ok(Self(writer))
    }

    /// An element with a text.
    pub(super) fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        let clean = writable(text);
        self.0.create_element(name).write_text_content(BytesText::new(&clean))?;
        Ok(())
    }

    /// An element with a text, where there is one.
    pub(super) fn some(&mut self, name: &str, text: &str) -> io::Result<()> {
        if text.is_empty() { Ok(()) } else { self.text(name, text) }
    }

    /// An element with attributes and nothing in it.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        let mut element = BytesStart::new(name);
        for (key, value) in attributes {
            element.push_attribute((*key, writable(value).as_str()));
        }
        self.0.write_event(Event::Empty(element))
    }

    /// Elements inside an element.
    pub(super) fn within(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.0.write_event(Event::Start(BytesStart::new(name)))?;
        write(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    /// Ends the root.
    pub(super) fn end(mut self, root: &str) -> io::Result<Vec<u8>> {
        self.0.write_event(Event::End(BytesEnd::new(root)))?;
        let mut out = self.0.into_inner();
        out.push(b'\n');
        Ok(out)
    }
}

/// Without the characters that XML 1.0 cannot hold, even escaped.
fn writable(text: &str) -> String {
    let holds = |c: &char| {
        matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
            || *c >= '\u{10000}'
    };
    text.chars().filter(holds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped_or_left_out() {
        let mut xml = Xml::begin("a", "urn:x").unwrap();
        xml.text("b", "1 < 2 & \u{0}\u{b}\"3\" ]]> 氯\u{ffff}").unwrap();
        let text = String::from_utf8(xml.end("a").unwrap()).unwrap();
        assert!(text.contains("1 &lt; 2 &amp; "), "{text}");
        assert!(text.contains("氯</b>") && !text.contains('\u{0}'), "{text}");
        assert!(!text.contains("]]>"), "{text}");
    }
}
