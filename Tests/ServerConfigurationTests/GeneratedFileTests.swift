import ServerConfiguration
import TestSupport
import Testing

/// What `make docs` writes: with `SEKISHO_WRITE_TABLES=1` these tests do.
@Suite struct GeneratedFileTests {
    @Test func `the table of keys in Configuration.md is what the program says of them`() throws {
        #expect(try GeneratedFile("Docs/Configuration.md").holds("keys", ConfigurationReference.markdown), "make docs")
    }

    @Test func `the published schema is what the program says of its keys`() throws {
        #expect(try GeneratedFile("deploy/sekisho.schema.json").holds(ConfigurationSchema.text), "make docs")
    }
}
