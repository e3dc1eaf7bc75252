# libFuzzer with ASan and UBSan.
#   fuzz-explain the OOM-log reader, the model and the views    fuzz-sysctl files of sysctl.d
#   fuzz-case    case files, and what is planned of them        fuzz-evidence  what is judged
#   fuzz-replay  logs made into cases
#   FUZZ_SECONDS how long (default 1800)    FUZZ_RUNS how many inputs (default: no bound)
FUZZ_CC      ?= clang
FUZZ_SECONDS ?= 1800
FUZZ_RUNS    ?= -1
FUZZ_DIR     := $(O)/fuzz
FUZZ_SRC     := harness/tests/fuzz_explain.c $(filter-out %_html.c,$(wildcard harness/explain*.c)) \
	lib/fail.c lib/jsonw.c lib/nodemask.c lib/units.c lib/utf8.c $(wildcard lib/oom_*.c lib/log_*.c lib/badness*.c)

$(FUZZ_DIR)/fuzz_explain: $(FUZZ_SRC) $(wildcard lib/*.h harness/*.h)
	@mkdir -p $(FUZZ_DIR)/corpus
	$(Q)$(FUZZ_CC) -std=gnu11 -D_GNU_SOURCE -I. -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o $@ $(FUZZ_SRC) -ljansson

# New inputs stay below the build folder; the seeds in the tree are hand-made and few.
fuzz-explain: $(FUZZ_DIR)/fuzz_explain
	$(Q)$(FUZZ_DIR)/fuzz_explain -max_total_time=$(FUZZ_SECONDS) -runs=$(FUZZ_RUNS) \
		-max_len=4096 -timeout=10 -dict=lib/tests/data/fuzz/oom.dict \
		-artifact_prefix=$(FUZZ_DIR)/ $(FUZZ_DIR)/corpus lib/tests/data/fuzz/seeds

FUZZ_SYSCTL  := harness/tests/fuzz_sysctl.c lib/sysctl_conf.c lib/sysctl_conf_read.c

$(FUZZ_DIR)/fuzz_sysctl: $(FUZZ_SYSCTL) $(wildcard lib/*.h)
	@mkdir -p $(FUZZ_DIR)/corpus-sysctl
	$(Q)$(FUZZ_CC) -std=gnu11 -D_GNU_SOURCE -I. -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o $@ $(FUZZ_SYSCTL)

fuzz-sysctl: $(FUZZ_DIR)/fuzz_sysctl
	$(Q)$(FUZZ_DIR)/fuzz_sysctl -max_total_time=$(FUZZ_SECONDS) -runs=$(FUZZ_RUNS) \
		-max_len=4096 -timeout=10 -artifact_prefix=$(FUZZ_DIR)/ $(FUZZ_DIR)/corpus-sysctl \
		lib/tests/data/fuzz/sysctl

# These ask most of the harness, so all of it is built in.
FUZZ_LAB     := $(filter-out harness/main.c,$(wildcard harness/*.c)) $(wildcard lib/*.c)

$(FUZZ_DIR)/fuzz_case $(FUZZ_DIR)/fuzz_evidence $(FUZZ_DIR)/fuzz_replay: $(FUZZ_DIR)/%: harness/tests/%.c $(FUZZ_LAB) \
		$(wildcard lib/*.h harness/*.h)
	@mkdir -p $(FUZZ_DIR)/corpus-case $(FUZZ_DIR)/corpus-evidence $(FUZZ_DIR)/corpus-replay
	$(Q)$(FUZZ_CC) -std=gnu11 -D_GNU_SOURCE -I. -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o $@ $< $(FUZZ_LAB) $(LIBS_LAB) -lnuma

# The good cases and the bad ones.
fuzz-case: $(FUZZ_DIR)/fuzz_case
	$(Q)$(FUZZ_DIR)/fuzz_case -max_total_time=$(FUZZ_SECONDS) -runs=$(FUZZ_RUNS) \
		-max_len=4096 -timeout=10 -artifact_prefix=$(FUZZ_DIR)/ $(FUZZ_DIR)/corpus-case \
		cases harness/tests/data/bad

fuzz-evidence: $(FUZZ_DIR)/fuzz_evidence
	$(Q)$(FUZZ_DIR)/fuzz_evidence -max_total_time=$(FUZZ_SECONDS) -runs=$(FUZZ_RUNS) \
		-max_len=32768 -timeout=10 -artifact_prefix=$(FUZZ_DIR)/ \
		$(FUZZ_DIR)/corpus-evidence harness/tests/data/evidence

# Logs of kernels we booted, and hand-made ones.
fuzz-replay: $(FUZZ_DIR)/fuzz_replay
	$(Q)$(FUZZ_DIR)/fuzz_replay -max_total_time=$(FUZZ_SECONDS) -runs=$(FUZZ_RUNS) \
		-max_len=8192 -timeout=10 -dict=lib/tests/data/fuzz/oom.dict \
		-artifact_prefix=$(FUZZ_DIR)/ $(FUZZ_DIR)/corpus-replay lib/tests/data/captured \
		lib/tests/data/oom lib/tests/data/fuzz/seeds

fuzz: fuzz-explain fuzz-sysctl fuzz-case fuzz-evidence fuzz-replay
.PHONY: fuzz fuzz-explain fuzz-sysctl fuzz-case fuzz-evidence fuzz-replay
