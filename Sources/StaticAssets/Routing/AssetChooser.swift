/// Chooses for a lookup path: a file, a better address for it, or nothing.
struct AssetChooser {
    enum Choice {
        case file(AssetFile, AssetReason.Decision)
        /// On account of the file, the page is at `destination`.
        case redirect(destination: String, AssetFile)
    }

    let bundle: AssetBundle
    let htmlHandling: HTMLHandling
    let notFoundHandling: NotFoundHandling

    /// With `redirecting` false no choice is a redirect; that is how a redirect's destination is tried.
    func choose(_ path: String, redirecting: Bool = true) -> Choice? {
        // A Worker without a site asks for every request.
        if bundle.files.isEmpty { return nil }
        let attempt = Attempt(chooser: self, path: path, redirecting: redirecting)
        let choice: Choice? =
            switch htmlHandling {
            case .autoTrailingSlash: attempt.auto()
            case .forceTrailingSlash: attempt.force()
            case .dropTrailingSlash: attempt.drop()
            case .none: attempt.serve(path)
            }
        return choice ?? fallback(path)
    }

    private func fallback(_ path: String) -> Choice? {
        switch notFoundHandling {
        case .none:
            return nil
        case .singlePageApplication:
            return bundle.file("/index.html").map { .file($0, .singlePageApplication) }
        case .notFoundPage:
            var folder = path[...]
            while let slash = folder.utf8.lastIndex(of: .slash) {
                folder = folder[..<slash]
                if let page = bundle.file(folder + "/404.html") { return .file(page, .notFoundPage) }
            }
            return nil
        }
    }
}

/// One path on its way through the ordered checks. Each mode is a block for the path's ending, then checks common to
/// all endings; the first that yields something wins.
private struct Attempt {
    let chooser: AssetChooser
    let path: String
    let redirecting: Bool

    func serve(_ file: String) -> AssetChooser.Choice? { chooser.bundle.file(file).map { .file($0, .file) } }

    /// A redirect must not lead away from a file that lives at the destination, nor to a page that shows other bytes:
    /// the destination, tried without redirects, has to end in the same content.
    func go(_ file: String, to destination: String) -> AssetChooser.Choice? {
        guard redirecting, let found = chooser.bundle.file(file), chooser.bundle.file(destination) == nil,
            case .file(let shown, _)? = chooser.choose(destination, redirecting: false),
            shown.contentTag == found.contentTag
        else { return nil }
        return .redirect(destination: destination, found)
    }

    private func without(_ ending: String) -> String { path.droppingLast(ending.utf8.count) }

    func auto() -> AssetChooser.Choice? {
        var choice: AssetChooser.Choice?
        if path.endsIn("/index") {
            let parent = without("/index")
            choice = serve(path) ?? go(path + ".html", to: parent + "/") ?? go(parent + ".html", to: parent)
        } else if path.endsIn("/index.html") {
            let parent = without("/index.html")
            choice = go(path, to: parent + "/") ?? go(parent + ".html", to: parent)
        } else if path.endsIn("/") {
            let page = without("/")
            choice = serve(path + "index.html") ?? go(page + ".html", to: page)
        } else if path.endsIn(".html") {
            let page = without(".html")
            choice = go(path, to: page) ?? go(page + "/index.html", to: page + "/")
        }
        return choice ?? serve(path) ?? serve(path + ".html") ?? go(path + "/index.html", to: path + "/")
    }

    func force() -> AssetChooser.Choice? {
        var choice: AssetChooser.Choice?
        if path.endsIn("/index") {
            let parent = without("/index")
            choice = serve(path) ?? go(path + ".html", to: parent + "/") ?? go(parent + ".html", to: parent + "/")
        } else if path.endsIn("/index.html") {
            let parent = without("/index.html")
            choice = go(path, to: parent + "/") ?? go(parent + ".html", to: parent + "/")
        } else if path.endsIn("/") {
            choice = serve(path + "index.html") ?? serve(without("/") + ".html")
        } else if path.endsIn(".html") {
            let page = without(".html")
            choice = go(path, to: page + "/") ?? serve(path) ?? go(page + "/index.html", to: page + "/")
        }
        return choice ?? serve(path) ?? go(path + ".html", to: path + "/") ?? go(path + "/index.html", to: path + "/")
    }

    func drop() -> AssetChooser.Choice? {
        var choice: AssetChooser.Choice?
        if path.endsIn("/index") {
            let parent = without("/index")
            choice = serve(path)
            if choice == nil, parent.isEmpty {
                choice = go("/index.html", to: "/")
            } else if choice == nil {
                choice = go(parent + ".html", to: parent) ?? go(path + ".html", to: parent)
            }
        } else if path.endsIn("/index.html") {
            let parent = without("/index.html")
            if parent.isEmpty {
                choice = go(path, to: "/")
            } else {
                choice = go(path, to: parent) ?? serve(path) ?? go(parent + ".html", to: parent)
            }
        } else if path.endsIn("/") {
            let page = without("/")
            if page.isEmpty {
                choice = serve("/index.html")
            } else {
                choice = go(page + ".html", to: page) ?? go(path + "index.html", to: page)
            }
        } else if path.endsIn(".html") {
            let page = without(".html")
            choice = go(path, to: page) ?? go(page + "/index.html", to: page)
        }
        return choice ?? serve(path) ?? serve(path + ".html") ?? serve(path + "/index.html")
    }
}
