/* READ INTEGRATOR-NOTE.txt: the integrator writes this file on main; do not write or commit it here. */
