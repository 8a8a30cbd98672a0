import Foundation
import GRDB
import Testing
import Workers

@testable import EdgeEmulator

/// States of earlier versions.
@Suite struct R2MigrationTests {
    private var firstSchema: String {
        get throws {
            let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            return try String(contentsOf: tests.appending(path: "Commands/first-schemas/r2.sql"), encoding: .utf8)
        }
    }

    @Test func `buckets of a state without records of them exist since their first object`() async throws {
        try await R2Folder.with { folder in
            try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
            do {
                var configuration = Configuration()
                // The statements are in the order of the tables' names.
                configuration.foreignKeysEnabled = false
                let database = try DatabaseQueue(path: folder.path + "/r2.sqlite", configuration: configuration)
                let statements = try firstSchema
                try await database.writeWithoutTransaction { db in
                    try db.execute(sql: statements)
                    try db.execute(sql: "INSERT INTO lifecycle VALUES ('ruled', '[]')")
                }
                try database.close()
            }
            let (names, object, upload) = try await folder.open { state in
                let bucket = state.buckets.existing("objects")
                let page = try await state.buckets.list()
                #expect(page.buckets.first?.created == 1_795_484_772.05)
                #expect(page.buckets.first?.storageClass == .standard)
                let uploads = try await bucket.uploads(R2UploadQuery())
                return (page.buckets.map(\.name), try await bucket.record("old"), uploads.uploads.first)
            }
            #expect(names == ["objects", "ruled"])
            #expect(object?.object.customMetadata == ["since": "then"])
            #expect(object?.object.checksum == nil && object?.object.ssecKeyMd5 == nil)
            #expect(object?.segments.map(\.size) == [4] && object?.partSizes == nil)
            #expect(upload?.key.text == "parts" && upload?.checksum == nil && upload?.ssecKeyMd5 == nil)
        }
    }
}
