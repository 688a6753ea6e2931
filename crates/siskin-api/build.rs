//! Makes sure that the folder of the built dashboard exists, so that a fresh checkout compiles.
//!
//! Never touches a dashboard that was built: the page below is written only where there is none,
//! and it says that it is not the dashboard.

use std::path::Path;
use std::{fs, io};

const DIST: &str = "../../dashboards/web/dist";

const NOT_BUILT: &str = r#"<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>Siskin</title>
<h1>监控页面尚未构建</h1>
<p>本程序编译时未包含监控页面。请在项目目录下运行 <code>make demo</code>。此页面不显示任何报警。</p>
<h1 lang="en">The dashboard was not built</h1>
<p lang="en">This program was compiled without the dashboard. Run <code>make demo</code> in the
project's folder. This page shows no alarms.</p>
</html>
"#;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={DIST}");
    let index = Path::new(DIST).join("index.html");
    if !index.exists() {
        fs::create_dir_all(DIST)?;
        fs::write(index, NOT_BUILT)?;
    }
    Ok(())
}
