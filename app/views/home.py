"""The root address: it leads to the viewer's home page."""

import streamlit as st

from app import navigation

st.switch_page(navigation.home_of(st.session_state["viewer"]))
