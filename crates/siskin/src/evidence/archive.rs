//! A zip archive that is written once, from its first byte to its last, with the sum of every file.
//!
//! Its directory stands at the end: what broke off before is no archive.

use std::io::{self, Write};

use anyhow::Context;
use sha2::{Digest, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::hex;

/// The file with the sums of all others, as `sha256sum --check` reads it.
const MANIFEST: &str = "MANIFEST.sha256";

/// An archive that is being written.
pub(super) struct Archive<'a> {
    zip: ZipWriter<StreamWriter<&'a mut dyn Write>>,
    sums: Vec<(String, String)>,
}

/// A file of it that is being written.
pub(super) struct Hashed<'a, 'b> {
    zip: &'a mut ZipWriter<StreamWriter<&'b mut dyn Write>>,
    sum: Sha256,
}

impl Write for Hashed<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.zip.write(bytes)?;
        self.sum.update(bytes.get(..count).unwrap_or(bytes));
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> Archive<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { zip: ZipWriter::new_stream(out), sums: Vec::new() }
    }

    /// Writes one file.
    pub(super) fn file<T>(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Hashed<'_, 'a>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.begin(name)?;
        let mut file = Hashed { zip: &mut self.zip, sum: Sha256::new() };
        let done = write(&mut file)?;
        let sum = hex(&file.sum.finalize());
        self.sums.push((sum, name.to_owned()));
        Ok(done)
    }

    fn begin(&mut self, name: &str) -> anyhow::Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        let begun = self.zip.start_file(name, options);
        begun.with_context(|| format!("cannot begin `{name}`; hint: is the disk full?"))
    }

    /// Writes the sums and the directory; gives the number of files.
    pub(super) fn finish(mut self) -> anyhow::Result<usize> {
        self.begin(MANIFEST)?;
        for (sum, name) in &self.sums {
            writeln!(self.zip, "{sum}  {name}")?;
        }
        let files = self.sums.len() + 1;
        self.zip.finish().context("cannot end the archive; hint: is the disk full?")?;
        Ok(files)
    }
}
