extension SizeReport {
    /// The table as lines: name, raw, gzip, brotli, and the change since the last build. With `colour`, growth is yellow
    /// and shrinkage green.
    ///
    /// Files that did not change and are neither script nor page of the client are summed up beyond `limit` rows a group.
    public func table(colour: Bool, limit: Int = 12) -> String {
        var lines: [[String]] = [["", "raw", "gzip", "brotli", ""]]
        for role in Artifact.Role.allCases {
            let group = rows.filter { $0.role == role }
            // One more line for one more file says the same as naming it.
            let shown = group.count > limit + 1 ? limit : group.count
            for row in group.prefix(shown) { lines.append(cells(row, name: row.name)) }
            guard shown < group.count else { continue }
            let rest = group.dropFirst(shown)
            var sum = Row(name: "", role: role, raw: 0, gzip: 0, brotli: 0, count: 0)
            for row in rest { sum.add(row) }
            // Of files without a predecessor the growth is their size.
            sum.change = isCompared ? rest.reduce(0) { $0 + ($1.change ?? $1.brotli) } : nil
            lines.append(cells(sum, name: "\(role.plural), \(Self.grouped(rest.count)) more"))
        }
        lines.append(cells(total, name: "total, \(Self.grouped(total.count)) files"))
        let widths = (0..<5).map { column in lines.map { $0[column].count }.max() ?? 0 }
        var text = ""
        for (index, line) in lines.enumerated() {
            if index == lines.count - 1 { text += "  " + String(repeating: "─", count: widths.reduce(8, +)) + "\n" }
            var row = "  " + line[0].padded(to: widths[0])
            for column in 1..<5 {
                let cell = "  " + String(repeating: " ", count: widths[column] - line[column].count) + line[column]
                row += column == 4 ? tinted(cell, colour) : cell
            }
            while row.hasSuffix(" ") { row.removeLast() }
            text += row + "\n"
        }
        return text
    }

    private func cells(_ row: Row, name: String) -> [String] {
        let change: String =
            switch row.change {
            case _ where !isCompared: ""
            case nil: "new"
            case 0?: "="
            case let bytes?: (bytes > 0 ? "+" : "−") + ByteSize.text(abs(bytes))
            }
        return [name, ByteSize.text(row.raw), ByteSize.text(row.gzip), ByteSize.text(row.brotli), change]
    }

    private func tinted(_ cell: String, _ colour: Bool) -> String {
        guard colour else { return cell }
        if cell.contains("+") { return "\u{1B}[33m\(cell)\u{1B}[0m" }
        if cell.contains("−") { return "\u{1B}[32m\(cell)\u{1B}[0m" }
        return "\u{1B}[2m\(cell)\u{1B}[0m"
    }
}

extension Artifact.Role {
    /// What several such files are called.
    fileprivate var plural: String {
        switch self {
        case .page: "pages"
        case .entry: "entry scripts"
        case .vendor: "vendor scripts"
        case .route: "lazy scripts"
        case .styles: "stylesheets"
        case .docs: "docs pages"
        case .other: "other files"
        }
    }
}

extension String {
    /// Filled with spaces on the right.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
