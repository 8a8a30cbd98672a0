/// Who owns everything: the one account there is.
public struct S3Owner: Sendable, Hashable {
    public var id: String

    public init(id: String) { self.id = id }

    func write(_ name: String, _ writer: inout XMLWriter) {
        writer.element(name) { writer in
            writer.text("ID", id)
            writer.text("DisplayName", id)
        }
    }
}

/// Answers about buckets.
public enum BucketDocuments {
    /// `<ListAllMyBucketsResult>`
    ///
    /// - Parameters:
    ///   - buckets: with the seconds since 1970 at which they were made.
    ///   - next: where the next page begins.
    public static func list(
        _ buckets: [(name: String, created: Double)], owner: S3Owner, prefix: String, next: String?
    ) -> [UInt8] {
        XMLWriter.document("ListAllMyBucketsResult") { writer in
            writer.element("Buckets") { writer in
                for bucket in buckets {
                    writer.element("Bucket") { writer in
                        writer.text("CreationDate", S3Time.text(bucket.created))
                        writer.text("Name", bucket.name)
                    }
                }
            }
            owner.write("Owner", &writer)
            if !prefix.isEmpty { writer.text("Prefix", prefix) }
            writer.text("ContinuationToken", next)
        }
    }

    /// Always `auto` (R2 release notes, 2022-05-16).
    public static var location: [UInt8] {
        XMLWriter.document("LocationConstraint") { $0.raw("auto") }
    }

    /// Everything is encrypted at rest (R2 release notes, 2022-05-05).
    public static var encryption: [UInt8] {
        XMLWriter.document("ServerSideEncryptionConfiguration") { writer in
            writer.element("Rule") { writer in
                writer.element("ApplyServerSideEncryptionByDefault") { $0.text("SSEAlgorithm", "AES256") }
                writer.text("BucketKeyEnabled", true)
            }
        }
    }

    /// What a bucket says that does not use a feature.
    ///
    /// - Throws: `S3Error` where S3 has an error for it.
    public static func unused(_ feature: S3UnusedFeature, owner: S3Owner) throws(S3Error) -> [UInt8] {
        switch feature {
        case .acl:
            return XMLWriter.document("AccessControlPolicy") { writer in
                owner.write("Owner", &writer)
                writer.element("AccessControlList") { writer in
                    writer.element("Grant") { writer in
                        let type =
                            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\""
                        writer.element("Grantee", attributes: type) { writer in
                            writer.text("ID", owner.id)
                            writer.text("DisplayName", owner.id)
                        }
                        writer.text("Permission", "FULL_CONTROL")
                    }
                }
            }
        case .versioning: return XMLWriter.document("VersioningConfiguration") { _ in }
        case .tagging: throw S3Error("NoSuchTagSet", 404, "The bucket has no tags.")
        case .replication:
            throw S3Error("ReplicationConfigurationNotFoundError", 404, "The bucket is not replicated.")
        case .objectLock:
            throw S3Error("ObjectLockConfigurationNotFoundError", 404, "The bucket has no object lock.")
        }
    }
}
