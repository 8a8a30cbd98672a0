extension ConfigProblem {
    /// The stable names of all problems. What stands in `details` is noted where it is not evident.
    public enum Code: String, Sendable, CaseIterable {
        // Errors of the file as a whole.
        case tomlSyntax = "toml_syntax"
        case fileNotFound = "file_not_found"
        case fileUnreadable = "file_unreadable"

        // Errors of any value. `field` is the dotted name.
        case wrongType = "wrong_type"  // field, expected
        case required  // field
        case oneOfRequired = "one_of_required"  // fields
        case notOneOf = "not_one_of"  // field, allowed
        case mutuallyExclusive = "mutually_exclusive"  // fields

        // Errors of single keys.
        case invalidName = "invalid_name"
        case invalidDate = "invalid_date"
        case dateHasWrongDash = "date_has_wrong_dash"
        case tomlDateVar = "toml_date_var"
        case invalidRoute = "invalid_route"
        case invalidRoutes = "invalid_routes"
        case legacyEnvRemoved = "legacy_env_removed"
        case nodeCompatRemoved = "node_compat_removed"
        case migrationsAndExports = "migrations_and_exports"
        case invalidExport = "invalid_export"
        case samplingRateRange = "sampling_rate_range"
        case placementHintNeedsSmart = "placement_hint_needs_smart"
        case placementTargetsExclusive = "placement_targets_exclusive"
        case placementStylesExclusive = "placement_styles_exclusive"

        // Errors of bindings. `key` is the key inside the binding.
        case badBindingField = "bad_binding_field"  // field, key
        case bindingNotObject = "binding_not_object"  // field
        case invalidBucketName = "invalid_bucket_name"
        case queueConsumerType = "queue_consumer_type"
        case doBindingMissing = "do_binding_missing"  // key
        case doEnvironmentNeedsScriptName = "do_environment_needs_script_name"
        case duplicateBinding = "duplicate_binding"  // name, type
        case bindingNameClash = "binding_name_clash"  // name, types
        case bindingsNotUnique = "bindings_not_unique"

        // Errors of containers.
        case containerImageRequired = "container_image_required"
        case containerImageInvalid = "container_image_invalid"
        case containerNameRequired = "container_name_required"
        case containerMaxInstancesNegative = "container_max_instances_negative"
        case containerGracePeriodNegative = "container_grace_period_negative"
        case containerRolloutSteps = "container_rollout_steps"
        case containerConstraints = "container_constraints"
        case containerNotUnique = "container_not_unique"
        case containerNotLinked = "container_not_linked"
        case containerLimitsTwice = "container_limits_twice"

        // Errors and warnings of the assets table as a whole; see `WranglerConfig.assetProblems`.
        case assetsDirectoryMissing = "assets_directory_missing"
        case assetsDirectoryNotFound = "assets_directory_not_found"
        case assetsDirectoryIsFile = "assets_directory_is_file"
        case runWorkerFirstNeedsMain = "run_worker_first_needs_main"
        case assetsBindingNeedsMain = "assets_binding_needs_main"
        case runWorkerFirstWithoutBinding = "run_worker_first_without_binding"
        case smartPlacementWithWorkerFirst = "smart_placement_with_worker_first"

        /// An error when the file has environments, else a warning.
        case unknownEnv = "unknown_env"  // env

        // Warnings.
        case unexpectedFields = "unexpected_fields"  // scope, fields
        case notInherited = "not_inherited"  // field, env
        case missingVarsInEnv = "missing_vars_in_env"  // env, names
        case missingDefineInEnv = "missing_define_in_env"  // env, names
        case missingBindingInEnv = "missing_binding_in_env"  // field, name, env
        case missingBindingsInEnv = "missing_bindings_in_env"  // field, names, env
        case emptyStringIgnored = "empty_string_ignored"  // field
        case customDomainInherited = "custom_domain_inherited"  // env, domains
        case durableObjectsWithoutMigrations = "durable_objects_without_migrations"  // classes
        case deprecatedField = "deprecated_field"  // field
        case experimentalField = "experimental_field"  // field
        case containerInstanceTypeRenamed = "container_instance_type_renamed"  // from, to

        // Advice.
        case varNamedLikeKey = "var_named_like_key"  // name
        case nameTooLong = "name_too_long"
    }
}
