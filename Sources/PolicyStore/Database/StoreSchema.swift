import GRDB

/// The tables, as migrations from one version of the program to the next.
enum StoreSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try createGeneral(db)
            try createFirewall(db)
            try createResolver(db)
        }
        return migrator
    }

    private static func createGeneral(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE counter (value INTEGER NOT NULL);
                INSERT INTO counter VALUES (0);
                CREATE TABLE creatorRequest (
                    operation TEXT NOT NULL, creatorRequestID TEXT NOT NULL, request TEXT NOT NULL,
                    objectID TEXT NOT NULL, PRIMARY KEY (operation, creatorRequestID)) WITHOUT ROWID;
                CREATE INDEX creatorRequestByObject ON creatorRequest (objectID);
                CREATE TABLE tag (
                    arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)) WITHOUT ROWID;
                CREATE TABLE resourcePolicy (arn TEXT NOT NULL PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE vpc (
                    id TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, isDeclared INTEGER NOT NULL,
                    firewallConfigID TEXT NOT NULL, failOpen TEXT NOT NULL, resolverConfigID TEXT NOT NULL,
                    autodefinedReverse TEXT NOT NULL, resolverConfigOrigin TEXT NOT NULL,
                    dnssecConfigID TEXT NOT NULL, validation TEXT NOT NULL);
                """)
    }

    private static func createFirewall(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE firewallDomainList (
                    id TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, arn TEXT NOT NULL UNIQUE,
                    name TEXT NOT NULL, domainCount INTEGER NOT NULL, status TEXT NOT NULL,
                    statusMessage TEXT NOT NULL, managedOwnerName TEXT, creatorRequestID TEXT NOT NULL,
                    creationTime TEXT NOT NULL, modificationTime TEXT NOT NULL, origin TEXT NOT NULL);
                CREATE TABLE firewallDomain (
                    listID TEXT NOT NULL, domain TEXT NOT NULL, PRIMARY KEY (listID, domain)) WITHOUT ROWID;
                CREATE TABLE firewallRuleGroup (
                    id TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, arn TEXT NOT NULL UNIQUE,
                    name TEXT NOT NULL, ruleCount INTEGER NOT NULL, status TEXT NOT NULL,
                    statusMessage TEXT NOT NULL, ownerID TEXT NOT NULL, creatorRequestID TEXT NOT NULL,
                    shareStatus TEXT NOT NULL, creationTime TEXT NOT NULL, modificationTime TEXT NOT NULL,
                    origin TEXT NOT NULL);
                CREATE TABLE firewallRule (
                    id TEXT NOT NULL PRIMARY KEY, firewallRuleGroupID TEXT NOT NULL, firewallDomainListID TEXT,
                    firewallThreatProtectionID TEXT, name TEXT NOT NULL, priority INTEGER NOT NULL,
                    action TEXT NOT NULL, blockResponse TEXT, blockOverrideDomain TEXT, blockOverrideDnsType TEXT,
                    blockOverrideTtl INTEGER, creatorRequestID TEXT NOT NULL, creationTime TEXT NOT NULL,
                    modificationTime TEXT NOT NULL, redirection TEXT, qtype TEXT, dnsThreatProtection TEXT,
                    confidenceThreshold TEXT, ruleType TEXT, origin TEXT NOT NULL);
                CREATE INDEX firewallRuleByGroup ON firewallRule (firewallRuleGroupID, priority);
                CREATE INDEX firewallRuleByList ON firewallRule (firewallDomainListID);
                CREATE TABLE firewallRuleGroupAssociation (
                    id TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, arn TEXT NOT NULL UNIQUE,
                    firewallRuleGroupID TEXT NOT NULL, vpcID TEXT NOT NULL, name TEXT NOT NULL,
                    priority INTEGER NOT NULL, mutationProtection TEXT NOT NULL, status TEXT NOT NULL,
                    statusMessage TEXT NOT NULL, creatorRequestID TEXT NOT NULL, creationTime TEXT NOT NULL,
                    modificationTime TEXT NOT NULL, origin TEXT NOT NULL);
                CREATE INDEX associationByVPC ON firewallRuleGroupAssociation (vpcID, priority);
                CREATE INDEX associationByGroup ON firewallRuleGroupAssociation (firewallRuleGroupID);
                """)
    }

    private static func createResolver(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE resolverQueryLogConfig (
                    id TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, ownerID TEXT NOT NULL,
                    status TEXT NOT NULL, shareStatus TEXT NOT NULL, associationCount INTEGER NOT NULL,
                    arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL, destinationARN TEXT NOT NULL,
                    creatorRequestID TEXT NOT NULL, creationTime TEXT NOT NULL, origin TEXT NOT NULL);
                CREATE TABLE resolverQueryLogConfigAssociation (
                    id TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, resolverQueryLogConfigID TEXT NOT NULL,
                    resourceID TEXT NOT NULL, status TEXT NOT NULL, error TEXT NOT NULL, creationTime TEXT NOT NULL,
                    origin TEXT NOT NULL);
                CREATE TABLE resolverRule (
                    id TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, creatorRequestID TEXT NOT NULL,
                    arn TEXT NOT NULL UNIQUE, domainName TEXT, status TEXT NOT NULL, statusMessage TEXT NOT NULL,
                    ruleType TEXT NOT NULL, name TEXT, targetIPs TEXT NOT NULL, resolverEndpointID TEXT,
                    delegationRecord TEXT, ownerID TEXT NOT NULL, shareStatus TEXT NOT NULL,
                    creationTime TEXT NOT NULL, modificationTime TEXT NOT NULL, origin TEXT NOT NULL);
                CREATE TABLE resolverRuleAssociation (
                    id TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL, resolverRuleID TEXT NOT NULL, name TEXT,
                    vpcID TEXT NOT NULL, status TEXT NOT NULL, statusMessage TEXT NOT NULL, origin TEXT NOT NULL);
                """)
    }
}
